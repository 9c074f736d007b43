// Says what will happen and asks why, before it happens. The browser's own dialog holds the focus, hears Escape, and needs no
// style of its own in the page, which the page's policy would refuse.
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef } from 'react';
import { post } from '../api/client';
import type { Command, Release } from '../api/generated';
import { failureFrom } from '../api/problem';
import { FailureWords } from '../signs/notice';
import { bodyOf, wording } from './commands';

export function Confirm({ command, release, onClose }: { command: Command; release: Release; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // The words are those that the person was shown when the dialog opened; the release goes on meanwhile.
  const shown = useRef({ words: wording(command, release), release });
  const { words } = shown.current;
  const said = useMutation({
    mutationFn: (reason: string) =>
      post<Release>(`/v1/releases/${release.id}/${command}`, bodyOf(command, shown.current.release, reason)),
    onSuccess: () => dialog.current?.close(),
  });
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    said.mutate(String(new FormData(event.currentTarget).get('reason') ?? '').trim());
  };
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      className="bg-card text-ink border-line m-auto w-full max-w-lg rounded-lg border p-5"
    >
      <form className="grid gap-4" onSubmit={submit}>
        <h2 id={`${id}-title`} className="wrap-anywhere">
          {words.title}
        </h2>
        <p id={`${id}-text`} className="wrap-anywhere">
          {words.consequence}
        </p>
        {words.reason && (
          <label className="grid gap-1">
            <span className="font-medium">Why? The journal keeps it</span>
            <input name="reason" type="text" className="field" required maxLength={2000} autoComplete="off" autoFocus />
          </label>
        )}
        {said.isError && (
          <div role="alert">
            <FailureWords failure={failureFrom(said.error)} />
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Leave it as it is
          </button>
          <button type="submit" className={`button ${words.danger ? 'button-danger' : 'button-main'}`} disabled={said.isPending}>
            {said.isPending ? 'Saying it…' : words.button.replace('…', '')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
