/** What a remembered value says when somebody asks for it: the same as a fresh one, but `CACHED`. */

import { handleEvaluationError, isEvaluationFailureResponse, toResolutionDetails } from '@openfeature/ofrep-core';
import { ErrorCode, type JsonValue, type ResolutionDetails, StandardResolutionReasons } from '@openfeature/web-sdk';
import type { Values } from './last-known.js';

export function recall<T extends JsonValue>(
  remembered: Values | undefined,
  key: string,
  defaultValue: T,
): ResolutionDetails<T> {
  if (remembered === undefined) {
    return nothing(defaultValue, ErrorCode.PROVIDER_NOT_READY, 'no answer of the server yet');
  }
  const known = remembered.flags[key];
  if (known === undefined) {
    return nothing(defaultValue, ErrorCode.FLAG_NOT_FOUND, 'not among the last known flags');
  }
  if (isEvaluationFailureResponse(known)) {
    return handleEvaluationError(known, defaultValue);
  }
  const details = toResolutionDetails(known, defaultValue);
  return details.errorCode ? details : { ...details, reason: StandardResolutionReasons.CACHED };
}

function nothing<T>(value: T, errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> {
  return { value, reason: StandardResolutionReasons.ERROR, errorCode, errorMessage };
}
