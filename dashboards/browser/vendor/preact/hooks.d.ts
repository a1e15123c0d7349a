import type {Context} from "./preact.d.ts"
export function useState<T>(initial: T): [T, (value: T | ((before: T) => T)) => void]
export function useEffect(run: () => void | (() => void), inputs?: unknown[]): void
export function useLayoutEffect(run: () => void | (() => void), inputs?: unknown[]): void
export function useMemo<T>(make: () => T, inputs: unknown[]): T
export function useRef<T>(initial: T | null): {current: T}
export function useContext<T>(context: Context<T>): T
export function useMemo<T>(make: () => T, inputs: unknown[]): T
