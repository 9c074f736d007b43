/** The interface that everybody knows: a field, a button, and the answer as it is. */

import { type FormEvent, useState } from 'react';
import { useQuery } from './backend';

export function LegacyQueryUI() {
  const [question, setQuestion] = useState('');
  const { ask, asking, answered } = useQuery();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask(question);
  };
  return (
    <main className="legacy" data-ui="legacy">
      <h1>SarvanOM query</h1>
      <form onSubmit={submit}>
        <label>
          Query <input value={question} onChange={(event) => setQuestion(event.target.value)} required />
        </label>
        <button type="submit">Submit</button>
      </form>
      <pre aria-live="polite">{asking ? 'Please wait.' : answered?.answer}</pre>
    </main>
  );
}
