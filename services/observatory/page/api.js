// The observatory's HTTP API: one function an endpoint, one error type.

import { apiQuery } from './query.js';

/** Answers come from memory on the same machine; what takes longer than this will not come. */
const TIMEOUT_MS = 10_000;

/** `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** `{traces: [...], total}` for the list's filters, newest first. */
export function fetchTraces(filters, signal) {
  return getJson(`/api/traces${apiQuery(filters)}`, signal);
}

/** One trace as OTLP JSON. */
export function fetchTrace(id, signal) {
  return getJson(traceUrl(id), signal);
}

/** Counters and limits of the store. */
export function fetchStatus(signal) {
  return getJson('/api/status', signal);
}

/** Where the raw OTLP JSON of a trace is. */
export function traceUrl(id) {
  return `/api/traces/${encodeURIComponent(id)}`;
}

async function getJson(url, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response;
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const why = timeout.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : 'it cannot be reached';
    throw new ApiError(0, why);
  }
  if (!response.ok) throw new ApiError(response.status, await problemText(response));
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(response.status, 'the answer is not JSON');
  }
}

/** The sentence of an RFC 9457 answer, or the status alone. */
async function problemText(response) {
  try {
    const problem = await response.json();
    if (typeof problem.detail === 'string') return problem.detail;
    if (typeof problem.title === 'string') return problem.title;
  } catch {
    // An answer that is not problem+json is described by its status.
  }
  return `status ${response.status}`;
}
