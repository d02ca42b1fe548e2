/** What a helpdesk decides with; plain values, all times in milliseconds. */
export interface HelpdeskSettings {
  /** What the visitor sees as the counterpart. */
  readonly displayName: string;
  /** Sent once a session when the visitor is connected; empty text: nothing is sent. */
  readonly welcomeText: string;
  /** Sent when no agent is left. */
  readonly noAgentText: string;
  /** Sent when the agent left the meeting and another one is looked for. */
  readonly agentLeftText: string;
  /** Sent when the meeting is lost in mid-conversation. */
  readonly goodbyeText: string;
  /** From the invitation to the bridge. Keep it below the platform's own ring time-out (30 s). */
  readonly startTimeoutMs: number;
  /**
   * How long one agent is rung. Keep it above the platform's own ring time-out (30 s), so that the platform has stopped
   * ringing him when the next agent is tried; one who accepts later would join a meeting that is no longer his.
   */
  readonly ringTimeoutMs: number;
  /** How long the end waits for the platform before the session is closed anyway. */
  readonly endTimeoutMs: number;
}

/** Values for a helpdesk that sets none of its own. */
export const defaultSettings: HelpdeskSettings = {
  displayName: 'Helpdesk',
  welcomeText: 'Welcome! An agent will be with you in a moment.',
  noAgentText: 'We are sorry, nobody is free right now. Please try again later.',
  agentLeftText: 'Your agent has left the chat. Please wait, we are looking for a colleague.',
  goodbyeText: 'We are sorry, the connection to our agents was lost. Please start a new chat.',
  startTimeoutMs: 25_000,
  ringTimeoutMs: 35_000,
  endTimeoutMs: 60_000,
};
