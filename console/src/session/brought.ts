// The token that a link brought along, behind the `#`. It is taken out of the address as soon as this program runs, before
// anything could keep or show it, and is offered once.
let brought = takeFromAddress();

export function broughtToken(): string {
  return brought;
}

export function forgetBrought(): void {
  brought = '';
}

function takeFromAddress(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}
