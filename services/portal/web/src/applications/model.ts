/** The answers of status about one's own applications (docs/api/status.json), as far as shown. */

export type ApplicationStatus =
  | "queued"
  | "registered"
  | "duplicate"
  | "incompatible"
  | "reserve"
  | "refused"
  | "conflict"
  | "withdrawn";

export interface Listed {
  readonly id: string;
  readonly status: ApplicationStatus;
  readonly benefit: string;
  readonly category?: string;
  readonly received_at: string;
  readonly protocol_number: string;
}

/** A page of a list; `next` leads to the one after it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface HistoryEvent {
  readonly at: string;
  readonly event: string;
  readonly status?: ApplicationStatus;
  readonly reason?: string;
}

export interface Found {
  readonly status: ApplicationStatus;
  readonly reason?: string;
  readonly explanation?: string;
  readonly received_at?: string;
  readonly content_digest?: string;
  readonly protocol_number?: string;
  readonly amount?: number;
  readonly lottery_ticket?: string;
  readonly history?: readonly HistoryEvent[];
  readonly conflicts?: readonly { readonly received_at: string; readonly explanation: string }[];
}

export interface Access {
  readonly at: string;
  readonly role: string;
  readonly operation: string;
  readonly reason?: string;
}

export interface Content {
  readonly applicant: Readonly<Record<string, unknown>>;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly category?: string;
  readonly mandate?: string;
}
