// The composition of the console.
import './session/brought';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused } from './api/problem';
import { router } from './shell/router';
import './styles.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused it refuses again; what did not reach it may, the next time.
      retry: (count, error) => count < 2 && error instanceof Refused && error.failure.status === 0,
      networkMode: 'always',
    },
  },
});

const place = document.getElementById('console');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
