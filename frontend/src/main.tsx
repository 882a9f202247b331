import './styles/tokens.css';
import './styles/mantine.css';
import './styles/base.css';
import './styles/figures.css';
import './styles/layout.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { newQueryClient, Providers } from './app/Providers';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <Providers client={newQueryClient()}>
      <App />
    </Providers>
  </StrictMode>,
);
