/** Every bound of sealing secrets anew. */
export const secretsLimits = {
  /** Documents read at once. */
  documentsPerRead: 50,
  /** Times it looks at a document that others change meanwhile. */
  tries: 8,
} as const;
