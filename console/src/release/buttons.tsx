// The buttons of a release. Rolling back comes first and looks like what it is.
import { useState } from 'react';
import type { Command, Release } from '../api/generated';
import { useMay } from '../session/session';
import { wording } from './commands';
import { Confirm } from './confirm';

const ORDER: Command[] = ['rollback', 'resume', 'pause', 'advance', 'abort'];

export function Buttons({ release, only = ORDER }: { release: Release; only?: Command[] }) {
  const may = useMay('operate');
  const [asked, setAsked] = useState<Command | undefined>(undefined);
  const offered = ORDER.filter((command) => only.includes(command) && release.accepts?.includes(command));
  if (!may) {
    return release.over ? null : <p className="text-soft text-sm">Your token reads only; it commands nothing.</p>;
  }
  return (
    <>
      {offered.length > 0 && (
        <div className="flex flex-wrap gap-2" role="group" aria-label={`Commands for ${release.service} ${release.version}`}>
          {offered.map((command) => (
            <button
              key={command}
              type="button"
              className={`button ${command === 'rollback' ? 'button-danger' : ''}`}
              onClick={() => setAsked(command)}
            >
              {wording(command, release).button}
            </button>
          ))}
        </div>
      )}
      {asked && <Confirm command={asked} release={release} onClose={() => setAsked(undefined)} />}
    </>
  );
}
