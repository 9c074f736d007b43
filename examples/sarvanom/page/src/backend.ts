/** Questions to the query service of the example. */

import { createContext, useContext, useState } from 'react';

export const Backend = createContext('');

export interface Answered {
  question: string;
  /** What the service said, or why it said nothing. */
  answer: string;
  tookMs: number;
}

/** `ask` sends a question; the newest one counts, whichever answer comes last. */
export function useQuery(): { ask: (question: string) => void; asking: boolean; answered: Answered | undefined } {
  const backend = useContext(Backend);
  const [asked, setAsked] = useState('');
  const [answered, setAnswered] = useState<Answered>();
  const ask = (question: string): void => {
    setAsked(question);
    void query(backend, question).then(setAnswered);
  };
  const current = answered?.question === asked ? answered : undefined;
  return { ask, asking: asked !== '' && current === undefined, answered: current };
}

async function query(backend: string, question: string): Promise<Answered> {
  const began = performance.now();
  const answer = await fetch(`${backend}/query?q=${encodeURIComponent(question)}`).then(textOf, String);
  return { question, answer, tookMs: Math.round(performance.now() - began) };
}

async function textOf(response: Response): Promise<string> {
  const body = await response.text();
  if (!response.ok) {
    return `The service answered ${response.status}.`;
  }
  try {
    const { answer } = JSON.parse(body) as { answer?: unknown };
    return typeof answer === 'string' ? answer : body;
  } catch {
    return body;
  }
}
