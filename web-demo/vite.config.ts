import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact()],
  build: {
    outDir: '../dist/web-demo',
    emptyOutDir: true,
    target: 'es2022',
    // The gateway's Content-Security-Policy lets nothing inline run: every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The softphone brings a SIP library: a page of its own, so that nobody else loads it.
    rolldownOptions: {
      input: {
        main: `${import.meta.dirname}/index.html`,
        softphone: `${import.meta.dirname}/softphone.html`,
      },
    },
  },
  // `npm run dev -w web-demo` beside `npm run dev`: the page reloads by itself, calls go to the server.
  server: { proxy: { '/ws': { target: server, ws: true }, '/api': { target: server } } },
});
