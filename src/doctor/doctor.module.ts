import { Module, type DynamicModule } from '@nestjs/common';
import { processSource } from '../config/index.js';
import { DoctorSettings } from './doctor-settings.js';
import { StartChecks } from './start-checks.js';

/** What {@link DoctorModule} takes. `source` is this process's environment by default. */
export type DoctorModuleOptions = Omit<DoctorSettings, 'source'> & Partial<Pick<DoctorSettings, 'source'>>;

/** The checks of `rookery doctor` that are made whenever the application starts. */
@Module({})
export class DoctorModule {
  static forRoot(options: DoctorModuleOptions): DynamicModule {
    const settings: DoctorSettings = { ...options, source: options.source ?? processSource() };
    return { module: DoctorModule, providers: [{ provide: DoctorSettings, useValue: settings }, StartChecks] };
  }
}
