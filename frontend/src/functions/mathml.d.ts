import type { DetailedHTMLProps, HTMLAttributes } from 'react';

type MathElement = DetailedHTMLProps<HTMLAttributes<MathMLElement>, MathMLElement> & {
  stretchy?: 'false';
  movablelimits?: 'false';
  separator?: 'true';
  display?: 'block' | 'inline';
};

// React's types leave MathML out.
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      math: MathElement;
      mi: MathElement;
      mn: MathElement;
      mo: MathElement;
      mrow: MathElement;
      msup: MathElement;
      munderover: MathElement;
    }
  }
}
