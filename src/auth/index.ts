export { ApiKeyStore, type KeyRotation, type PreviousKey, type StoredApiKey } from './api-keys/api-key-store.js';
export { describeApiKeyStore } from './api-keys/api-key-store.contract.js';
export { derivedKeyId, digestOfKey, generateApiKey } from './api-keys/api-key.js';
export { ApiKeys, type IssuedApiKey, type NewApiKey, type RotateOptions } from './api-keys/api-keys.js';
export { configuredKeys, type ConfiguredKey } from './api-keys/configured-keys.js';
export { InMemoryApiKeyStore } from './api-keys/in-memory-api-key-store.js';
export { AuthClock } from './auth-clock.js';
export { AuthModule, type AuthModuleExtras, type AuthModuleOptions } from './auth.module.js';
export { authOptions, byKeyId, isAuthRequired, type AuthOptions } from './auth.options.js';
export { AuthState } from './auth-state.js';
export { CurrentPrincipal, Public, RequireScopes } from './decorators.js';
export type { Anonymous, Authenticated, Authentication, RefusedAuthentication } from './door/authentication.js';
export { AuthProvider } from './door/auth-provider.js';
export type { Credential } from './door/credential.js';
export type { CredentialRequest } from './door/credential-request.js';
export { PrincipalMemory } from './door/principal-memory.js';
export type { PassportStrategyLike, TeamStrategy } from './door/team-strategies.js';
export { PrincipalGuard } from './guards/principal.guard.js';
export { ScopeGuard } from './guards/scope.guard.js';
export { issueToken, type TokenRequest } from './jwt/issue-token.js';
export { jwtSettings, type JwtAlgorithm, type JwtOptions, type JwtSettings } from './jwt/jwt.options.js';
export { McpAuthGuard } from './mcp-auth.guard.js';
export { authPosture, type AuthFinding } from './posture.js';
export { Challenges } from './resource-server/challenges.js';
export { protectedResourceMetadata, type ProtectedResourceMetadata } from './resource-server/protected-resource.js';
export { ResourceLocation } from './resource-server/resource-location.js';
export { InjectOAuth2Client, oauth2ClientToken } from './oauth/inject-oauth2-client.js';
export { OAuth2Client } from './oauth/oauth2-client.js';
export { OAuth2Clients } from './oauth/oauth2-clients.js';
export { OAuthClientsModule } from './oauth/oauth-clients.module.js';
export {
  encryptionKeys,
  keyRingFaults,
  oauthClients,
  type OAuthClientOptions,
  type OAuthClientsInput,
} from './oauth/oauth.options.js';
export { describeTokenStore } from './oauth/token-store.contract.js';
export { TokenStoreFactories, type SharedTokenStorage, type TokenStoreFactory } from './oauth/token-store-factories.js';
export { TokenStore, type SealedRecord } from './oauth/token-store.js';
