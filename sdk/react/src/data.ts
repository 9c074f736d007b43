/**
 * What may be the default of an object flag. `JsonValue` itself would be the wrong constraint: it keeps the default's literal
 * types, so that `{ dense: false }` could never be true, and it refuses interfaces.
 */
export type Data<T> = T extends (...parameters: never[]) => unknown ? never : unknown;
