// Scores one payment, and asks again with the same transaction id: the service counts it once.
//
//   node score.js [ADDRESS [BUDGET_MS]]
//
// ADDRESS is host:port of gRPC (localhost:50051). BUDGET_MS is the time for a payment, retries included (150).
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const address = process.argv[2] ?? 'localhost:50051';
const budgetMs = Number(process.argv[3] ?? 150);

// The first call also resolves the name, connects and loads code, for which the budget of a payment is too short.
const FIRST_BUDGET_MS = 1000;

// Up to this amount, a payment without an answer is accepted. What is right depends on what you lose with each kind of error.
const FALLBACK_APPROVES_UP_TO = 50;

// The budget is the deadline of the call, and all attempts share it. Only these statuses are repeated: the service did not decide the
// payment, or answers a repeated request as the first one. The library waits as long as the service says (grpc-retry-pushback-ms), and
// does not retry if that is negative. The tokens stop retries while most calls fail, so that retries do not add to an overload.
const serviceConfig = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [{
    name: [{ service: 'fraud.scoring.v1.ScoringService' }],
    retryPolicy: {
      maxAttempts: 5,
      initialBackoff: '0.01s',
      maxBackoff: '0.1s',
      backoffMultiplier: 2,
      retryableStatusCodes: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED'],
    },
  }],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
};

// One client for the whole program: it keeps its connection.
const client = new (loadScoringService())(address, grpc.credentials.createInsecure(), {
  'grpc.service_config': JSON.stringify(serviceConfig),
  // A connection that was dropped without a word is noticed before a payment needs it.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  // After a failed attempt to connect, the next one follows within the budget of a payment.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
});

// The id comes from the payment system and is the same in every request for the payment, also after a crash of this program.
const payment = {
  transaction_id: `sample-${Date.now()}`,
  event_time: { seconds: Math.floor(Date.now() / 1000), nanos: 0 },
  amount: '249.90',
  currency: 'EUR',
  card_token: 'card-1',
  merchant_id: 'merchant-1',
  channel: 'CHANNEL_ECOMMERCE',
};

await decide(payment, FIRST_BUDGET_MS);
await decide(payment, budgetMs);
client.close();

// The decision on a payment. There always is one: a payment does not wait for longer than the budget.
async function decide(payment, withinMs) {
  try {
    const { assessment, replayed } = await score(payment, withinMs);
    const probability = assessment.fraud_probability === undefined ? 'none' : assessment.fraud_probability.toFixed(4);
    const reasons = assessment.reasons.map((reason) => reason.code).join(', ') || 'none';
    console.log(`decision ${assessment.decision} probability ${probability} reasons ${reasons}${replayed ? ' (replayed)' : ''}`);
    return assessment.decision;
  } catch (error) {
    const decision = Number(payment.amount) <= FALLBACK_APPROVES_UP_TO ? 'DECISION_APPROVE' : 'DECISION_REVIEW';
    console.log(`decision ${decision} without an answer: ${grpc.status[error.code]}: ${error.details}`);
    return decision;
  }
}

function score(payment, withinMs) {
  return new Promise((resolve, reject) => {
    client.score({ payment }, { deadline: Date.now() + withinMs }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

function loadScoringService() {
  const protos = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  // protobufjs has google/api/annotations.proto, which the files import.
  const google = dirname(createRequire(import.meta.url).resolve('protobufjs/package.json'));
  const definition = loader.loadSync('fraud/scoring/v1/scoring.proto', {
    includeDirs: [protos, google], keepCase: true, enums: String, longs: Number, defaults: false, arrays: true,
  });
  return grpc.loadPackageDefinition(definition).fraud.scoring.v1.ScoringService;
}
