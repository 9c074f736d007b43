/** Flags of Tidegate in React: a provider and a hook. What tests need is in `@tidegate/react/testing`. */

export { TidegateProvider, type TidegateProviderProps } from './TidegateProvider.js';
export { useFeatureFlag } from './useFeatureFlag.js';
export { useFlagDetails, type FlagDetails } from './useFlagDetails.js';
export type { Token } from './settings.js';
