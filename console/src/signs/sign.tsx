// The states of a release and of a verdict as a shape, a word and a colour, in this order of importance.
import type { Outcome, Stage } from '../api/generated';
import { Shape, type ShapeName } from './shape';

type Sign = { shape: ShapeName; word: string; tone: string; beat?: boolean };

const STAGES: Record<Stage, Sign> = {
  opened: { shape: 'ring', word: 'opened', tone: 'text-soft' },
  deploying: { shape: 'play', word: 'deploying', tone: 'text-accent', beat: true },
  ramping: { shape: 'play', word: 'ramping', tone: 'text-accent', beat: true },
  held: { shape: 'hand', word: 'waits for a person', tone: 'text-warn' },
  paused: { shape: 'pause', word: 'paused', tone: 'text-warn' },
  watching: { shape: 'eye', word: 'everybody moved, watching', tone: 'text-accent', beat: true },
  promoting: { shape: 'play', word: 'promoting', tone: 'text-accent', beat: true },
  completed: { shape: 'check', word: 'completed', tone: 'text-good' },
  rolling_back: { shape: 'back', word: 'rolling back', tone: 'text-bad', beat: true },
  rolled_back: { shape: 'back', word: 'rolled back', tone: 'text-bad' },
  aborted: { shape: 'cross', word: 'aborted', tone: 'text-warn' },
  superseded: { shape: 'ring', word: 'superseded', tone: 'text-soft' },
};

const OUTCOMES: Record<Outcome, Sign> = {
  pass: { shape: 'check', word: 'well: harm is excluded', tone: 'text-good' },
  harm: { shape: 'cross', word: 'harm is shown', tone: 'text-bad' },
  undecided: { shape: 'half', word: 'undecided yet', tone: 'text-soft' },
};

export function StageSign({ stage }: { stage: Stage }) {
  return <Chip sign={STAGES[stage]} />;
}

export function OutcomeSign({ outcome }: { outcome: Outcome }) {
  return <Chip sign={OUTCOMES[outcome]} />;
}

function Chip({ sign }: { sign: Sign }) {
  return (
    <span className={`chip ${sign.tone}`}>
      <Shape name={sign.shape} beat={sign.beat ?? false} />
      {sign.word}
    </span>
  );
}
