/** Large bodies take longer to build than to reject, and several cases send the same one. */
export function memoised<Arguments extends readonly (string | number)[], Made>(
  make: (...made: Arguments) => Made,
): (...made: Arguments) => Made {
  const known = new Map<string, Made>();
  return (...given) => {
    const key = given.join();
    let made = known.get(key);
    if (made === undefined) known.set(key, (made = make(...given)));
    return made;
  };
}
