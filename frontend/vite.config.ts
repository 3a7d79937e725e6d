import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/portal/',
  plugins: [react()],
  build: {
    target: 'es2023',
    // The content security policy allows no data: font, and a file is cached by itself.
    assetsInlineLimit: 0,
    // The preload helper's polyfill is an inline script in disguise, and every browser of the last years preloads modules.
    modulePreload: { polyfill: false },
  },
  // For a look at the portal while it is being written: `npx vite frontend`, beside `npm start`.
  server: { proxy: { '^/(?:admin|auth|health)': { target: 'http://127.0.0.1:8787' } } },
})
