/**
 * OpenFeature's OFREP provider, made steady. The published provider speaks the protocol: one bulk request, its ETag, the
 * event stream. This one adds what a page needs around it: last known values in the first render, asking again after a
 * server that was away at the start, saying `READY` again after an outage, and never one user's values for another.
 */

import { handleEvaluationError, isEvaluationFailureResponse, toResolutionDetails } from '@openfeature/ofrep-core';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import {
  ErrorCode,
  type EvaluationContext,
  GeneralError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  ProviderFatalError,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/web-sdk';
import { LastKnown, type Values } from './last-known.js';
import { Recovery } from './recovery.js';
import { absolute, connectionOf, DEFAULT_TIMEOUT_MS, type Settings, type Token } from './settings.js';
import { type Answer, Transport } from './transport.js';

/** A refused token is asked about again, but seldom: somebody has to mend it. */
const REFUSED_RETRY_MS = 60_000;

type Failure = Exclude<Answer, { kind: 'values' | 'unchanged' }>;

export class TidegateFlags implements Provider {
  readonly metadata = { name: 'tidegate' };
  readonly runsOn = 'client';
  readonly domainScoped = true;
  readonly events = new OpenFeatureEventEmitter();
  /** Absent when there are last known values: OpenFeature then calls the provider ready at once. */
  readonly initialize?: () => Promise<void>;
  /** Resolves, and never rejects, when there is nothing more to wait for: values, or a first failure. */
  readonly settled: Promise<void>;

  readonly #inner: OFREPWebProvider;
  readonly #transport = new Transport((answer) => this.#hear(answer));
  readonly #recovery = new Recovery(() => void this.#recover());
  readonly #lastKnown: LastKnown | undefined;
  #context: EvaluationContext;
  #token: Token | undefined;
  #remembered: Values | undefined;
  /** The inner provider holds values, and for this user. */
  #fresh = false;
  #begun = false;
  #newest: Promise<void> = Promise.resolve();
  #question = 0;
  /** The server has answered for the present context since the newest question. */
  #confirmed = false;
  #failure: Failure | undefined;
  /** Once per outage, not once per attempt. */
  #complained = false;
  #closed = false;
  #isSettled = false;

  constructor(settings: Settings) {
    this.#context = settings.context ?? {};
    this.#token = settings.token;
    const secret = typeof settings.token === 'string' ? settings.token : '';
    this.#lastKnown = settings.cache === 'none' ? undefined : new LastKnown(connectionOf(settings) + secret);
    this.#remembered = this.#lastKnown?.read(this.#context.targetingKey);
    this.#inner = this.#ofrep(settings);
    const first = this.#ask();
    this.settled = (this.#remembered ? Promise.resolve() : first.catch(() => undefined)).then(() => {
      this.#isSettled = true;
    });
    if (this.#remembered) {
      this.#isSettled = true;
      first.catch(() => undefined);
    } else {
      this.initialize = () => first;
    }
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** A new token for the same connection: values stay until the answer to it is there. */
  presentToken(token: Token | undefined): void {
    const changed = token !== this.#token;
    this.#token = token;
    // A function is new with each render of whoever passes it. It is asked before each request anyway.
    if (changed && typeof token !== 'function') {
      this.#recovery.stop();
      void this.#recover();
    }
  }

  async onContextChange(_previous: EvaluationContext, next: EvaluationContext): Promise<void> {
    const previous = this.#context;
    this.#context = next;
    try {
      await this.#ask(previous);
    } catch (error) {
      if (next.targetingKey !== previous.targetingKey) {
        this.#fresh = false;
        this.#remembered = this.#lastKnown?.read(next.targetingKey);
      }
      throw error;
    }
  }

  async onClose(): Promise<void> {
    this.#closed = true;
    this.#recovery.stop();
    this.#transport.close();
    await this.#inner.onClose?.();
  }

  resolveBooleanEvaluation(key: string, defaultValue: boolean, context: EvaluationContext): ResolutionDetails<boolean> {
    return this.#fresh ? this.#inner.resolveBooleanEvaluation(key, defaultValue, context) : this.#recall(key, defaultValue);
  }

  resolveStringEvaluation(key: string, defaultValue: string, context: EvaluationContext): ResolutionDetails<string> {
    return this.#fresh ? this.#inner.resolveStringEvaluation(key, defaultValue, context) : this.#recall(key, defaultValue);
  }

  resolveNumberEvaluation(key: string, defaultValue: number, context: EvaluationContext): ResolutionDetails<number> {
    return this.#fresh ? this.#inner.resolveNumberEvaluation(key, defaultValue, context) : this.#recall(key, defaultValue);
  }

  resolveObjectEvaluation<T extends JsonValue>(key: string, defaultValue: T, context: EvaluationContext): ResolutionDetails<T> {
    const details = this.#fresh
      ? this.#inner.resolveObjectEvaluation(key, defaultValue, context)
      : this.#recall(key, defaultValue);
    // To `typeof` a list is an object, but `{}.map` is not a function.
    return Array.isArray(details.value) === Array.isArray(defaultValue)
      ? details
      : { value: defaultValue, reason: StandardResolutionReasons.ERROR, errorCode: ErrorCode.TYPE_MISMATCH };
  }

  #ofrep(settings: Settings): OFREPWebProvider {
    const inner = new OFREPWebProvider({
      baseUrl: absolute(settings.baseUrl),
      timeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      cacheMode: 'disabled', // It reads its cache asynchronously: too late for the first render.
      fetchImplementation: this.#transport.fetch,
      headersFactory: async () => {
        const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
        return [
          ...(token ? ([['Authorization', `Bearer ${token}`]] satisfies [string, string][]) : []),
          ...(settings.channel ? ([['Flagd-Selector', `flagSetId=${settings.channel}`]] satisfies [string, string][]) : []),
        ];
      },
    });
    inner.events.addHandler(ProviderEvents.ConfigurationChanged, (details) => {
      this.events.emit(ProviderEvents.ConfigurationChanged, details);
    });
    // The stream broke, or a question that it brought about failed.
    inner.events.addHandler(ProviderEvents.Stale, (details) => this.#suffer(details?.message ?? 'the stream broke'));
    return inner;
  }

  /** Asks for the present context. Rejects if there is no answer; an older question takes the answer to the newest. */
  #ask(previous: EvaluationContext = this.#context): Promise<void> {
    this.#newest = this.#put((this.#question += 1), previous);
    return this.#newest;
  }

  async #put(question: number, previous: EvaluationContext): Promise<void> {
    this.#confirmed = false;
    try {
      await this.#send(question, previous);
    } catch (error) {
      this.#failure ??= { kind: 'failed', why: String(error), retryAfterMs: 0 };
    }
    if (this.#closed) {
      return this.#inner.onClose?.(); // Once more: the answer may have opened a stream after the first time.
    }
    if (question !== this.#question) {
      return this.#newest;
    }
    if (!this.#confirmed) {
      throw this.#fail(this.#failure ?? { kind: 'failed', why: 'the server asked for a pause', retryAfterMs: 0 });
    }
    this.#succeed();
  }

  /** Only a change of context makes the inner provider drop the answers that are still on their way: begin but once. */
  async #send(question: number, previous: EvaluationContext): Promise<void> {
    if (this.#begun) {
      return this.#inner.onContextChange(previous, this.#context);
    }
    this.#begun = true;
    try {
      await this.#inner.initialize(this.#context);
    } catch (error) {
      this.#begun = question !== this.#question;
      throw error;
    }
  }

  /** Asks again without anybody waiting for it: after a failure, or with a new token. */
  async #recover(): Promise<void> {
    try {
      await this.#ask();
    } catch {
      // Said and planned by #fail.
    }
  }

  #hear(answer: Answer): void {
    switch (answer.kind) {
      case 'values':
        if (this.#confirm(answer.context)) {
          this.#lastKnown?.write(answer.context.targetingKey, { flags: answer.flags });
        }
        break;
      case 'unchanged':
        this.#confirm(answer.context);
        break;
      case 'refused':
      case 'failed':
        this.#failure = answer;
        break;
    }
  }

  /** Whether an answer is about the present context; one about an older context changes nothing. */
  #confirm(context: EvaluationContext): boolean {
    const present = JSON.stringify(context) === JSON.stringify(this.#context);
    this.#confirmed ||= present;
    return present;
  }

  #succeed(): void {
    const news = !this.#fresh;
    const recovered = this.#failure !== undefined;
    this.#fresh = true;
    this.#failure = undefined;
    this.#complained = false;
    this.#remembered = undefined;
    this.#recovery.stop();
    if (recovered) {
      this.events.emit(ProviderEvents.Ready);
    }
    if (news) {
      this.events.emit(ProviderEvents.ConfigurationChanged, { message: 'the first answer of the server' });
    }
  }

  #fail(failure: Failure): Error {
    const refused = failure.kind === 'refused';
    const why = refused ? `Tidegate refuses the token (status ${failure.status})` : `Tidegate does not answer: ${failure.why}`;
    this.#suffer(why);
    return refused && !this.#hasValues() ? new ProviderFatalError(why) : new GeneralError(why);
  }

  /** Something is wrong: values may be old from here on, until an answer says otherwise. */
  #suffer(why: string): void {
    if (this.#closed) {
      return;
    }
    if (!this.#complained) {
      console.warn(`[tidegate] ${why}. ${this.#hasValues() ? 'Flags keep their last values.' : 'Flags have their defaults.'}`);
      this.#complained = true;
    }
    const failure = (this.#failure ??= { kind: 'failed', why, retryAfterMs: 0 });
    this.#recovery.plan(failure.kind === 'refused' ? REFUSED_RETRY_MS : failure.retryAfterMs);
    if (this.#hasValues()) {
      this.events.emit(ProviderEvents.Stale, { message: why });
    }
  }

  #hasValues(): boolean {
    return this.#fresh || this.#remembered !== undefined;
  }

  #recall<T extends JsonValue>(key: string, defaultValue: T): ResolutionDetails<T> {
    const known = this.#remembered?.flags[key];
    if (known === undefined) {
      return {
        value: defaultValue,
        reason: StandardResolutionReasons.ERROR,
        errorCode: this.#remembered ? ErrorCode.FLAG_NOT_FOUND : ErrorCode.PROVIDER_NOT_READY,
        errorMessage: this.#remembered ? 'not among the last known flags' : 'no answer of the server yet',
      };
    }
    if (isEvaluationFailureResponse(known)) {
      return handleEvaluationError(known, defaultValue);
    }
    const details = toResolutionDetails(known, defaultValue);
    return details.errorCode ? details : { ...details, reason: StandardResolutionReasons.CACHED };
  }
}
