import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';

/**
 * Hands the finished configuration to `@nestjs/config`: one namespace a section, so that a team injects
 * `ConfigService` and asks for `config.get('server.port', { infer: true })`, or `@Inject(getConfigToken('server'))`.
 *
 * It reads nothing itself: `loadConfig` has done that before Nest starts. Neither `.env` files nor variables outside
 * the configuration are visible through it.
 */
@Module({})
export class AppConfigModule {
  static forRoot(config: Readonly<Record<string, unknown>>): DynamicModule {
    return {
      module: AppConfigModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          validatePredefined: false,
          skipProcessEnv: true,
          load: Object.entries(config).map(([name, section]) =>
            registerAs(name, () => section as Record<string, unknown>),
          ),
        }),
      ],
    };
  }
}
