/** The application's own hook. Where its flags come from is said here, once. */
export { useFeatureFlag } from '@tidegate/react';
