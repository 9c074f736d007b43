// The addresses of the console.
import { createRootRoute, createRoute, createRouter, Link } from '@tanstack/react-router';
import { JournalPage } from '../journal/page';
import { NowPage } from '../now/page';
import { ReleaseListPage } from '../release/list';
import { ReleasePage } from '../release/page';
import { Shell } from './shell';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const now = createRoute({ getParentRoute: () => root, path: '/', component: NowPage });
// Whoever is signed in already and follows a link to the door.
const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: NowPage });
const releases = createRoute({ getParentRoute: () => root, path: '/releases', component: ReleaseListPage });
export const release = createRoute({ getParentRoute: () => root, path: '/releases/$id', component: ReleaseOfAddress });
const journal = createRoute({
  getParentRoute: () => root,
  path: '/journal',
  validateSearch: (search: Record<string, unknown>) => {
    const text = (name: string) => (typeof search[name] === 'string' ? { [name]: search[name] } : {});
    return { ...text('stream'), ...text('actor'), ...text('from'), ...text('until') } as JournalFilter;
  },
  component: JournalOfAddress,
});

export type JournalFilter = { stream?: string; actor?: string; from?: string; until?: string };

export const router = createRouter({ routeTree: root.addChildren([now, signIn, releases, release, journal]) });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function ReleaseOfAddress() {
  const { id } = release.useParams();
  return <ReleasePage key={id} id={id} />;
}

function JournalOfAddress() {
  const filter = journal.useSearch();
  const navigate = journal.useNavigate();
  return <JournalPage filter={filter} onFilter={(next) => void navigate({ search: next, replace: true })} />;
}

function NotFound() {
  return (
    <div className="grid gap-4">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">What is live and what is moving</Link>
      </p>
    </div>
  );
}
