/**
 * A clock that goes on evenly from when it is made, whatever becomes of the system's: a machine that starts with a wrong time
 * and is set right would else find every request of the link too old.
 */
export function steadyClock(): () => Date {
  const began = Date.now() - performance.now();
  return () => new Date(began + performance.now());
}
