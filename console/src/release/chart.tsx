// A chart of both arms over time. The picture is for eyes; the last values stand beside it in words, and the colours and lines
// are those of the arms everywhere: stable solid and blue, the new version dashed and orange.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { localTime } from '../clock/words';
import type { Columns } from './columns';

export type ChartProps = {
  title: string;
  columns: Columns;
  names: [string, string];
  say: (value: number) => string;
};

const HEIGHT = 200;

export function Chart({ title, columns, names, say }: ChartProps) {
  const last = (column: (number | null)[] | undefined) => column?.findLast((value) => value !== null) ?? undefined;
  const words = names.map((name, at) => {
    const value = last(columns[at + 1]);
    return { name, value: value === undefined ? 'not measured' : say(value) };
  });
  return (
    <figure className="grid min-w-0 gap-1">
      <figcaption>
        <span className="font-medium">{title}</span>
        <span className="flex flex-wrap gap-x-4 text-sm">
          {words.map(({ name, value }, at) => (
            <span key={name} className={`chip ${at === 0 ? 'text-stable' : 'text-canary'}`}>
              <svg width="22" height="6" aria-hidden="true">
                <path d="M0 3h22" stroke="currentColor" strokeWidth="2.5" strokeDasharray={at === 0 ? undefined : '6 4'} />
              </svg>
              {name} <span className="tabular-nums">{value}</span>
            </span>
          ))}
        </span>
      </figcaption>
      <Canvas columns={columns} say={say} />
    </figure>
  );
}

function Canvas({ columns, say }: Pick<ChartProps, 'columns' | 'say'>) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(columns);
  useEffect(() => {
    latest.current = columns;
    plot.current?.setData(columns as uPlot.AlignedData);
  }, [columns]);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(element.clientWidth, say), latest.current as uPlot.AlignedData, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [say]);
  return <div ref={place} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height: HEIGHT }} />;
}

function options(width: number, say: (value: number) => string): uPlot.Options {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 0.1) * 1.1] } },
    axes: [{ ...axis, space: 90, values: (_, splits) => splits.map((second) => localTime(second * 1_000, false)) }, { ...axis, size: 64, values: (_, splits) => splits.map(say) }],
    series: [
      {},
      { stroke: colour('--stable'), width: 2, points: { show: false } },
      { stroke: colour('--canary'), width: 2, dash: [8, 5], points: { show: false } },
    ],
  };
}
