-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "person" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sipUri" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "capacity" INTEGER NOT NULL DEFAULT 3,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agentPresence" (
    "sipUri" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "until" TIMESTAMP(3) NOT NULL,
    "activeCount" INTEGER NOT NULL DEFAULT 0,
    "lastAssignedAt" TIMESTAMP(3),

    CONSTRAINT "agentPresence_pkey" PRIMARY KEY ("sipUri")
);

-- CreateTable
CREATE TABLE "helpdesk" (
    "id" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "uri" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "allowedOrigins" TEXT[],
    "welcomeText" TEXT NOT NULL,
    "noAgentText" TEXT NOT NULL,
    "ringTimeoutMs" INTEGER NOT NULL,
    "startTimeoutMs" INTEGER NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "helpdesk_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "helpdeskSession" (
    "id" TEXT NOT NULL,
    "helpdeskId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "machineVersion" TEXT NOT NULL,
    "snapshot" JSONB,
    "visitorName" TEXT,
    "subject" TEXT,
    "page" JSONB,
    "conversationHref" TEXT,
    "onlineMeetingUri" TEXT,
    "lastSeq" INTEGER NOT NULL DEFAULT 0,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "endedAt" TIMESTAMP(3),
    "endReason" TEXT,

    CONSTRAINT "helpdeskSession_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessionEvent" (
    "sessionId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "sessionEvent_pkey" PRIMARY KEY ("sessionId","seq")
);

-- CreateTable
CREATE TABLE "callbackInbox" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "ack" INTEGER NOT NULL,
    "sessionId" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "receivedAt" TIMESTAMP(3) NOT NULL,
    "processedAt" TIMESTAMP(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "dueAt" TIMESTAMP(3) NOT NULL,
    "failure" TEXT,

    CONSTRAINT "callbackInbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "position" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "operationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "command" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "dueAt" TIMESTAMP(3) NOT NULL,
    "leaseUntil" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL,
    "finishedAt" TIMESTAMP(3),
    "outcome" JSONB,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "timer" (
    "sessionId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "dueAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "timer_pkey" PRIMARY KEY ("sessionId","name")
);

-- CreateTable
CREATE TABLE "visitorMessage" (
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "timeStampMs" BIGINT NOT NULL,
    "direction" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "senderUri" TEXT,
    "senderName" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "delivered" BOOLEAN NOT NULL,
    "recordedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "visitorMessage_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "internalMessage" (
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "timeStampMs" BIGINT NOT NULL,
    "direction" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "senderUri" TEXT,
    "senderName" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "delivered" BOOLEAN NOT NULL,
    "recordedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "internalMessage_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "assignment" (
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "personUri" TEXT,
    "activeSessionId" TEXT,
    "considered" JSONB NOT NULL,
    "assignedAt" TIMESTAMP(3) NOT NULL,
    "releasedAt" TIMESTAMP(3),
    "releaseReason" TEXT,

    CONSTRAINT "assignment_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "person_email_key" ON "person"("email");

-- CreateIndex
CREATE UNIQUE INDEX "person_sipUri_key" ON "person"("sipUri");

-- CreateIndex
CREATE UNIQUE INDEX "helpdesk_publicKey_key" ON "helpdesk"("publicKey");

-- CreateIndex
CREATE UNIQUE INDEX "helpdesk_uri_key" ON "helpdesk"("uri");

-- CreateIndex
CREATE INDEX "helpdeskSession_startedAt_idx" ON "helpdeskSession"("startedAt");

-- CreateIndex
CREATE INDEX "helpdeskSession_onlineMeetingUri_idx" ON "helpdeskSession"("onlineMeetingUri");

-- CreateIndex
CREATE INDEX "callbackInbox_processedAt_sessionId_id_idx" ON "callbackInbox"("processedAt", "sessionId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "callbackInbox_key_ack_key" ON "callbackInbox"("key", "ack");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_id_key" ON "outbox"("id");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_operationId_key" ON "outbox"("operationId");

-- CreateIndex
CREATE INDEX "outbox_state_sessionId_position_idx" ON "outbox"("state", "sessionId", "position");

-- CreateIndex
CREATE INDEX "timer_dueAt_idx" ON "timer"("dueAt");

-- CreateIndex
CREATE UNIQUE INDEX "visitorMessage_sessionId_timeStampMs_key" ON "visitorMessage"("sessionId", "timeStampMs");

-- CreateIndex
CREATE UNIQUE INDEX "internalMessage_sessionId_timeStampMs_key" ON "internalMessage"("sessionId", "timeStampMs");

-- CreateIndex
CREATE UNIQUE INDEX "assignment_activeSessionId_key" ON "assignment"("activeSessionId");

-- CreateIndex
CREATE INDEX "assignment_sessionId_assignedAt_idx" ON "assignment"("sessionId", "assignedAt");

-- CreateIndex
CREATE INDEX "assignment_personUri_assignedAt_idx" ON "assignment"("personUri", "assignedAt");

-- AddForeignKey
ALTER TABLE "agentPresence" ADD CONSTRAINT "agentPresence_sipUri_fkey" FOREIGN KEY ("sipUri") REFERENCES "person"("sipUri") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "helpdeskSession" ADD CONSTRAINT "helpdeskSession_helpdeskId_fkey" FOREIGN KEY ("helpdeskId") REFERENCES "helpdesk"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessionEvent" ADD CONSTRAINT "sessionEvent_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "callbackInbox" ADD CONSTRAINT "callbackInbox_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "timer" ADD CONSTRAINT "timer_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "visitorMessage" ADD CONSTRAINT "visitorMessage_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "internalMessage" ADD CONSTRAINT "internalMessage_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "helpdeskSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_personUri_fkey" FOREIGN KEY ("personUri") REFERENCES "person"("sipUri") ON DELETE SET NULL ON UPDATE CASCADE;
