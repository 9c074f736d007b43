/** The interface behind `new_query_ui`: the question stays in sight, the answer is a card and says how long it took. */

import { type FormEvent, useState } from 'react';
import { useQuery } from './backend';

const SUGGESTIONS = ['What changed in the last release?', 'Which services are unhealthy?', 'Who is on call?'];

export function NewQueryUI() {
  const [question, setQuestion] = useState('');
  const { ask, asking, answered } = useQuery();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask(question);
  };
  const suggest = (suggestion: string): void => {
    setQuestion(suggestion);
    ask(suggestion);
  };
  return (
    <main className="new" data-ui="new">
      <h1>Ask SarvanOM</h1>
      <form role="search" onSubmit={submit}>
        <input
          type="search"
          aria-label="Question"
          placeholder="Ask anything"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          required
        />
        <button type="submit">Ask</button>
      </form>
      <nav aria-label="Suggestions">
        {SUGGESTIONS.map((suggestion) => (
          <button key={suggestion} type="button" onClick={() => suggest(suggestion)}>
            {suggestion}
          </button>
        ))}
      </nav>
      <section aria-live="polite" aria-busy={asking}>
        {asking && <p>Thinking …</p>}
        {answered && (
          <article>
            <h2>{answered.question}</h2>
            <p>{answered.answer}</p>
            <footer>{answered.tookMs} ms</footer>
          </article>
        )}
      </section>
    </main>
  );
}
