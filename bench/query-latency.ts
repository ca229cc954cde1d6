export async function measureQueries(_settings: { seed: number; json: boolean }): Promise<void> {}
