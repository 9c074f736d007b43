// The door. A link may bring the token along in its fragment, which no server and no log ever sees; it is taken out of the
// address at once, and the person still presses the button: nobody is signed in by a link alone.
import { type FormEvent, useState } from 'react';
import { FailureWords } from '../signs/notice';
import { broughtToken, forgetBrought } from './brought';
import { beginSession, useSession } from './session';

export function SignIn() {
  const { ended } = useSession();
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    if (!text('token')) {
      setMissing(true);
      return;
    }
    forgetBrought();
    beginSession({ token: text('token'), person: text('person') }, form.get('remember') === 'on');
  };
  return (
    <main id="main" className="mx-auto max-w-md p-4 pt-12">
      <h1>Tidegate</h1>
      <p className="text-soft mt-1">See what is live, what is moving, and take users back.</p>
      {ended && (
        <div role="alert" className="card border-bad mt-4">
          <FailureWords failure={ended} />
        </div>
      )}
      <form className="card mt-4 grid gap-4" onSubmit={submit} noValidate>
        <div className="grid gap-1">
          <label htmlFor="token" className="font-medium">
            Token
          </label>
          <input
            id="token"
            name="token"
            type="password"
            className="field"
            autoComplete="off"
            spellCheck={false}
            defaultValue={broughtToken()}
            aria-describedby="token-hint"
            aria-invalid={missing}
            autoFocus
          />
          <p id="token-hint" className={`text-sm ${missing ? 'text-bad' : 'text-soft'}`}>
            {missing ? 'A token is needed. ' : ''}It begins with <code>tg_</code>. An admin issues one with <code>tidegate token create</code>
          </p>
        </div>
        <div className="grid gap-1">
          <label htmlFor="person" className="font-medium">
            Your name
          </label>
          <input id="person" name="person" type="text" className="field" autoComplete="name" maxLength={80} aria-describedby="person-hint" />
          <p id="person-hint" className="text-soft text-sm">
            If others use this token as well. The journal keeps it beside the token's name
          </p>
        </div>
        <label className="flex min-h-11 items-center gap-3">
          <input name="remember" type="checkbox" className="size-5" />
          <span>Remember me on this device</span>
        </label>
        <button type="submit" className="button button-main justify-center">
          Sign in
        </button>
      </form>
    </main>
  );
}
