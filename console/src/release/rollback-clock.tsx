// Taking users back, against its budget: the time that runs, the six steps, and the moment at which users were back.
import type { Rollback, RollbackStep, StepName } from '../api/generated';
import { useNow } from '../clock/now';
import { plain, span } from '../clock/words';
import { Shape, type ShapeName } from '../signs/shape';

const STEPS: Record<StepName, string> = {
  stop: 'Stop',
  assess: 'Assess',
  decide: 'Decide',
  execute: 'Execute',
  verify: 'Verify',
  communicate: 'Tell',
};

export function RollbackClock({ rollback, over, short = false }: { rollback: Rollback; over: boolean; short?: boolean }) {
  return (
    <section aria-label="Rollback" className="grid gap-2">
      <p className="wrap-anywhere">
        <span className="text-bad font-semibold">Because: </span>
        {rollback.cause}
      </p>
      <p className="text-lg font-semibold" aria-live="polite">
        {rollback.users_back_ms != null ? `Users were back after ${span(rollback.users_back_ms)}` : 'Users are being taken back…'}
      </p>
      {over ? <Whole rollback={rollback} ms={rollback.total_ms} /> : <Running rollback={rollback} />}
      {!short && (
        <ol className="grid gap-2 sm:grid-cols-3 lg:grid-cols-6">
          {rollback.steps.map((step) => (
            <Step key={step.step} step={step} />
          ))}
        </ol>
      )}
      {rollback.quarantined && !short && <p className="text-soft">The artifact is in quarantine until a person lifts it.</p>}
    </section>
  );
}

function Running({ rollback }: { rollback: Rollback }) {
  return <Whole rollback={rollback} ms={Math.max(rollback.total_ms, useNow() - rollback.first_sign_at_ms)} />;
}

function Whole({ rollback, ms }: { rollback: Rollback; ms: number }) {
  const late = rollback.over_total || ms > rollback.total_budget_ms;
  return (
    <p className={`tabular-nums ${late ? 'text-bad font-semibold' : ''}`}>
      {span(ms)} since the first sign, of {span(rollback.total_budget_ms)} allowed{late ? ': over its budget' : ''}
    </p>
  );
}

const STATES: Record<RollbackStep['state'], ShapeName> = { done: 'check', now: 'play', ahead: 'ring' };

function Step({ step }: { step: RollbackStep }) {
  return (
    <li className={`border-line rounded-md border p-2 ${step.over ? 'border-bad' : ''}`}>
      <p className={`chip ${step.over ? 'text-bad' : step.state === 'ahead' ? 'text-soft' : ''}`}>
        <Shape name={STATES[step.state]} beat={step.state === 'now'} />
        {STEPS[step.step]}
        <span className="sr-only">: {plain(step.state)}</span>
      </p>
      <p className="text-sm tabular-nums">
        {step.took_ms != null ? span(step.took_ms) : '–'}
        {step.budget_ms != null && <span className="text-soft"> of {span(step.budget_ms)}</span>}
        {step.over && <span className="text-bad"> too long</span>}
      </p>
    </li>
  );
}
