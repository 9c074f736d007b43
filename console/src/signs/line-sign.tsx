// Whether what is seen is now. A lost connection is said at once, and how old the figures are is counted beside it.
import type { Line } from '../api/follow';
import { useNow } from '../clock/now';
import { span } from '../clock/words';
import { Shape } from './shape';

export function LineSign({ line }: { line: Line }) {
  return (
    <div role="status" className="min-h-6 text-sm">
      {line.state === 'live' && (
        <span className="chip text-good">
          <Shape name="dot" beat />
          live
        </span>
      )}
      {line.state === 'opening' && (
        <span className="chip text-soft">
          <Shape name="ring" />
          connecting
        </span>
      )}
      {line.state === 'lost' && <Lost line={line} />}
    </div>
  );
}

function Lost({ line }: { line: Line }) {
  useNow();
  const age = line.heardAt === undefined ? undefined : Date.now() - line.heardAt;
  return (
    <span className="text-bad inline-flex items-center gap-1.5 font-medium">
      <Shape name="cross" />
      {age === undefined ? 'no connection' : `last known, ${span(Math.max(1_000, Math.floor(age / 1_000) * 1_000))} ago`}; trying
      again
    </span>
  );
}
