// What a page says when it has nothing to show yet, nothing at all, or cannot: never a blank place, never a bare code.
import type { ReactNode } from 'react';
import { failureFrom, type Failure } from '../api/problem';
import { Shape, type ShapeName } from './shape';

export function Loading({ what }: { what: string }) {
  return (
    <p role="status" className="text-soft py-6">
      Reading {what}…
    </p>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="card text-soft">
      <p className="text-ink font-medium">{title}</p>
      {children}
    </div>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  return (
    <div role="alert" className="card border-bad">
      <FailureWords failure={failureFrom(error)} />
      {again && (
        <button type="button" className="button mt-3" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function FailureWords({ failure }: { failure: Failure }) {
  return (
    <>
      <p className="chip text-bad">
        <Shape name="cross" />
        {failure.title}
        {failure.code && <code className="font-normal">[{failure.code}]</code>}
      </p>
      <p className="mt-1 wrap-anywhere">{failure.detail}</p>
      <p className="text-soft mt-1 wrap-anywhere">Next: {failure.hint}</p>
    </>
  );
}

export function Notice({ shape, tone, title, children }: { shape: ShapeName; tone: string; title: string; children?: ReactNode }) {
  return (
    <div className="card">
      <p className={`flex items-center gap-1.5 font-medium ${tone}`}>
        <Shape name={shape} />
        {title}
      </p>
      {children && <div className="mt-1 wrap-anywhere">{children}</div>}
    </div>
  );
}
