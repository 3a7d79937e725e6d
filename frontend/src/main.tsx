import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { newQueryClient } from './api/queries.ts'
import { newRouter } from './router.tsx'
import { takeOldAddress } from './shell/old-addresses.ts'
import './style/tokens.css'
import './style/base.css'
import { Toasts } from './ui/toasts.tsx'

takeOldAddress()
const queries = newQueryClient()
const router = newRouter(queries)

createRoot(document.getElementById('portal') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Toasts>
        <RouterProvider router={router} />
      </Toasts>
    </QueryClientProvider>
  </StrictMode>,
)
