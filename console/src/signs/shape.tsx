// Shapes that tell states apart without colour. Each always stands beside its word, so that it says nothing of its own to a
// screen reader.
import type { ReactNode } from 'react';

export type ShapeName = 'dot' | 'ring' | 'check' | 'cross' | 'back' | 'play' | 'pause' | 'hand' | 'eye' | 'half';

const STROKE = { fill: 'none', stroke: 'currentColor', strokeWidth: 2.2, strokeLinecap: 'round' } as const;

const SHAPES: Record<ShapeName, ReactNode> = {
  dot: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  ring: <circle cx="8" cy="8" r="5" {...STROKE} />,
  check: <path d="M3 8.500l3.5 3.500L13 4.5" {...STROKE} />,
  cross: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5zM5.5 5.500l5 5m0-5l-5 5" {...STROKE} strokeWidth={1.6} />,
  back: <path d="M6 3L2.5 6.5 6 10M3 6.500h6a4 4 0 010 8H7" {...STROKE} />,
  play: <path d="M4 2.500v11l9-5.500z" fill="currentColor" />,
  pause: <path d="M5 3v10M11 3v10" {...STROKE} strokeWidth={3} />,
  hand: <path d="M8 1.500L15 14H1zM8 6v4M8 12v.1" {...STROKE} strokeWidth={1.7} strokeLinejoin="round" />,
  eye: (
    <g {...STROKE} strokeWidth={1.6}>
      <path d="M1 8c3.5-6 10.5-6 14 0-3.5 6-10.5 6-14 0z" />
      <circle cx="8" cy="8" r="2" />
    </g>
  ),
  half: (
    <g>
      <circle cx="8" cy="8" r="5.5" {...STROKE} strokeWidth={1.8} />
      <path d="M8 2.500a5.5 5.5 0 010 11z" fill="currentColor" />
    </g>
  ),
};

export function Shape({ name, beat = false }: { name: ShapeName; beat?: boolean }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className={`shrink-0 ${beat ? 'beat' : ''}`}>
      {SHAPES[name]}
    </svg>
  );
}
