import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/**
 * One file with a fixed name that pages load, and chunks named by their content next to it. The web app serves the
 * folder as it is.
 */
export default defineConfig({
  plugins: [preact()],
  build: {
    outDir: '../web/public/widget',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    modulePreload: false,
    lib: { entry: 'src/loader.ts', formats: ['es'], fileName: () => 'v1.js' },
    rollupOptions: { output: { chunkFileNames: '[name]-[hash].js', minify: true } },
  },
});
