import { Module } from '@nestjs/common';
import { McpServerModule } from 'rookery';
import { Aviary } from './aviary.js';
import { BirdTools } from './bird.tools.js';

@Module({ providers: [Aviary, BirdTools], exports: [Aviary] })
export class BirdsModule {}

@Module({ imports: [McpServerModule.forRoot({ name: 'aviary', version: '2.0.0' }), BirdsModule] })
export class AppModule {}
