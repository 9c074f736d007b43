/** The snippet of the release process, as it is written there. */

import { useFeatureFlag } from '@/hooks/useFeatureFlag';
import { LegacyQueryUI } from './LegacyQueryUI';
import { NewQueryUI } from './NewQueryUI';

function QueryInterface() {
  const newUI = useFeatureFlag('new_query_ui');
  
  return newUI ? <NewQueryUI /> : <LegacyQueryUI />;
}

export { QueryInterface };
