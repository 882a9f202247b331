import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// jsdom leaves these out.
window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => {},
    removeEventListener: () => {},
    addListener: () => {},
    removeListener: () => {},
    dispatchEvent: () => false,
  }) as MediaQueryList;
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
window.scrollTo = () => {};

afterEach(cleanup);

configure({ asyncUtilTimeout: 10_000, getElementError: (message) => new Error(message ?? 'not found') });
