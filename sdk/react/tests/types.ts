/** The types that the hooks promise. The compiler is the test: a wrong one does not compile. */

import { type FlagDetails, useFeatureFlag, useFlagDetails } from '../src/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T | undefined => undefined;

export function Promises(): void {
  const byDefault = useFeatureFlag('key');
  const boolean = useFeatureFlag('key', true);
  const string = useFeatureFlag('key', 'text');
  const number = useFeatureFlag('key', 1);
  const object = useFeatureFlag('key', { columns: 3, dense: false });
  const details = useFlagDetails('key', 'text');
  is<Same<typeof byDefault, boolean>>();
  is<Same<typeof boolean, boolean>>();
  is<Same<typeof string, string>>();
  is<Same<typeof number, number>>();
  is<Same<typeof object, { columns: number; dense: boolean }>>();
  is<Same<typeof details, FlagDetails<string>>>();
  // @ts-expect-error A function is no value of a flag.
  useFeatureFlag('key', () => true);
  // @ts-expect-error Null has no type to compare with.
  useFeatureFlag('key', null);
}
