export function compileExclusions(_patterns: string[]): (path: string, isDirectory: boolean) => string | null {
  return () => null;
}
