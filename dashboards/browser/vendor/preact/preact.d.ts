// The part of Preact's interface that the cards use.
export type Node = object | string | number | boolean | null | undefined
export type Component = (properties: any) => Node
export interface Context<T> {
  Provider: Component
  readonly initial?: T
}
export function h(type: string | Component, properties?: object | null, ...children: (Node | Node[])[]): object
export function render(node: Node, parent: Element): void
export function createContext<T>(value: T): Context<T>
