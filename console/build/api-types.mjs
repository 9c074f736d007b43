// Writes src/api/generated.ts from the server's own description. The generators that exist ask for an older TypeScript, and
// the description uses seven constructs; whatever is not one of them stops the build instead of becoming `any`.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../../docs/reference/openapi.json', import.meta.url);
const target = new URL('../src/api/generated.ts', import.meta.url);

const { schemas } = JSON.parse(readFileSync(source, 'utf8')).components;
const text = [
  '// Made from docs/reference/openapi.json by `npm run api`; not edited by hand.',
  '',
  ...Object.entries(schemas).map(([name, schema]) => declaration(name, schema)),
].join('\n');

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/api/generated.ts is stale: run `npm run api` and look at the diff');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}

function declaration(name, schema) {
  return `${comment(schema, '')}export type ${name} = ${type(schema, '')};\n`;
}

function type(schema, indent) {
  if (schema.$ref) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.oneOf) return schema.oneOf.map((one) => type(one, indent)).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one }, indent)).join(' | ');
  // The server says nothing but a description of a value that may be any JSON.
  if (Object.keys(schema).every((key) => key === 'description')) return 'unknown';
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `Array<${type(schema.items, indent)}>`;
    case 'object':
      return object(schema, indent);
    default:
      throw new Error(`no type is known for ${JSON.stringify(schema)}`);
  }
}

function object(schema, indent) {
  // What the server hands on as it is: the body of an entry, a measurement.
  if (!schema.properties) return 'Record<string, unknown>';
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    return `${comment(field, inner)}${inner}${name}${optional}: ${type(field, inner)};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

function comment(schema, indent) {
  const words = schema.description?.replaceAll('\n', ' ').replaceAll('*/', '* /');
  return words ? `${indent}/** ${words} */\n` : '';
}
