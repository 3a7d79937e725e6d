import { readFileSync } from 'node:fs'

/** The most memory that a process ever had at once, in bytes. Source: proc_pid_status(5), `VmHWM`, in KiB. Linux only. */
export function peakMemoryOf(pid: number): number {
  const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}
