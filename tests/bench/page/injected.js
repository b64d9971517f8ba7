// A wallet as a page sees it: EIP-6963 announcements and a provider, https://eips.ethereum.org/EIPS/eip-6963. What it
// answers is thought up outside: by `walletAsks`, which the bench lays into the page, or else by who empties `walletQueue`.
// Called with the wallets to announce, `[{ id, info, late, legacy }]`.

(wallets) => {
  const ask = (line) => globalThis.walletAsks
    ? globalThis.walletAsks(line)
    : new Promise((resolve) => (globalThis.walletQueue ??= []).push({ line, resolve }));

  for (const { id, info, late = 0, legacy = false } of wallets) {
    const listeners = {};
    const emit = (name, value) => (listeners[name] ?? []).forEach((listener) => listener(value));
    (globalThis.walletEmits ??= {})[id] = emit;
    const provider = {
      isMetaMask: true,
      async request({ method, params }) {
        const { result, error, events = [] } = JSON.parse(await ask(JSON.stringify({ id, method, params })));
        for (const [name, value] of events) emit(name, value);
        if (error) throw Object.assign(new Error(error.message), error);
        return result;
      },
      on(name, listener) {
        (listeners[name] ??= []).push(listener);
      },
      removeListener(name, listener) {
        listeners[name] = (listeners[name] ?? []).filter((one) => one !== listener);
      },
    };
    setTimeout(() => {
      if (legacy) {
        globalThis.ethereum = provider;
        return globalThis.dispatchEvent(new Event("ethereum#initialized"));
      }
      const detail = Object.freeze({ info, provider });
      const announce = () => globalThis.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
      globalThis.addEventListener("eip6963:requestProvider", announce);
      announce();
    }, late);
    // Without a delay it is there before the page's script.
    if (legacy && late === 0) globalThis.ethereum = provider;
  }
}
