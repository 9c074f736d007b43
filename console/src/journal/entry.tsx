// An entry, opened: all of its content as it is stored, and its place in the chain.
import type { JournalEntry } from '../api/generated';
import { utc } from '../clock/words';

export function EntryDetails({ entry }: { entry: JournalEntry }) {
  return (
    <div className="mt-2 grid gap-2">
      <p className="text-soft text-sm wrap-anywhere">
        Entry {entry.position}, number {entry.seq} of {entry.stream}, {entry.kind}, {utc(entry.at_ms)}
      </p>
      <pre className="border-line bg-paper max-h-96 overflow-auto rounded border p-3 wrap-anywhere whitespace-pre-wrap" tabIndex={0} aria-label={`Content of entry ${entry.position}`}>
        {JSON.stringify(entry.body, null, 2)}
      </pre>
      <p className="text-soft text-sm">
        Hash <code className="break-all">{entry.hash}</code>
      </p>
    </div>
  );
}
