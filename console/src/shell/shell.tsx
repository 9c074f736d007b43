// What is around every page: where one can go, who is signed in, and the way out.
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Door } from '../session/door';
import { endSession, useSession } from '../session/session';

const PAGES = [
  { to: '/', name: 'Now' },
  { to: '/releases', name: 'Releases' },
  { to: '/journal', name: 'Journal' },
] as const;

export function Shell() {
  return (
    <Door>
      <a href="#main" className="bg-card absolute -top-20 left-2 z-10 p-3 focus:top-2">
        Skip to the content
      </a>
      <header className="border-line bg-card border-b">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 px-4">
          <span className="py-3 text-lg font-semibold">Tidegate</span>
          <nav aria-label="Pages" className="flex">
            {PAGES.map((page) => (
              <Link
                key={page.to}
                to={page.to}
                activeOptions={{ exact: page.to === '/' }}
                className="text-ink flex min-h-11 items-center border-b-3 border-transparent px-3 no-underline"
                activeProps={{ className: 'border-accent! font-semibold', 'aria-current': 'page' }}
              >
                {page.name}
              </Link>
            ))}
          </nav>
          <Person />
        </div>
      </header>
      <Page />
    </Door>
  );
}

function Person() {
  const actor = useSession().me?.actor;
  return (
    <div className="text-soft ml-auto flex min-w-0 items-center gap-3 py-1 text-sm">
      <span className="max-w-60 truncate" title={actor}>
        {actor}
      </span>
      <button type="button" className="button px-3" onClick={() => endSession()}>
        Sign out
      </button>
    </div>
  );
}

/** The page itself. After a change of page the focus is on it, as after a click on a link in any other site. */
function Page() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [path]);
  return (
    <main id="main" ref={main} tabIndex={-1} className="mx-auto max-w-6xl p-4 outline-none">
      <Outlet />
    </main>
  );
}
