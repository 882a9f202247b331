import { type CSSVariablesResolver, createTheme } from '@mantine/core';

/** Mantine with Numbermill's type, space, corners and ink blue. Colours themselves live in styles/tokens.css. */
export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  colors: {
    ink: [
      '#eaf0fd',
      '#cfdcfa',
      '#abc4ff',
      '#8fb0ff',
      '#6d93f2',
      '#3b66dc',
      '#2450c5',
      '#1b3f9f',
      '#1b3480',
      '#1b2540',
    ],
    dark: [
      '#ededeb',
      '#b4b5b8',
      '#979aa1',
      '#74777e',
      '#292b30',
      '#202327',
      '#17181b',
      '#101113',
      '#0c0d0e',
      '#08090a',
    ],
  },
  fontFamily: 'var(--nm-sans)',
  fontFamilyMonospace: 'var(--nm-mono)',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.75rem', lineHeight: '1.15' } } },
  fontSizes: { xs: '.75rem', sm: '.8125rem', md: '.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '.5rem', sm: '.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { sm: '4px', md: '8px', lg: '12px' },
});

const fromTokens = {
  '--mantine-color-body': 'var(--nm-bg)',
  '--mantine-color-text': 'var(--nm-text)',
  '--mantine-color-dimmed': 'var(--nm-text-3)',
  '--mantine-color-placeholder': 'var(--nm-text-3)',
  '--mantine-color-default': 'var(--nm-surface)',
  '--mantine-color-default-hover': 'var(--nm-hover)',
  '--mantine-color-default-color': 'var(--nm-text)',
  '--mantine-color-default-border': 'var(--nm-control)',
  '--mantine-color-anchor': 'var(--nm-accent)',
  '--mantine-color-error': 'var(--nm-bad)',
};

/** Lets Mantine's own colours follow the tokens. It is read by scripts/generate.mjs, not at run time. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: fromTokens,
  dark: fromTokens,
});
