import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { POLICY_METADATA } from '../core/index.js';
import { findTargetsWithoutPolicy } from './access-rules.js';
import { RequirePermissions, RequireRoles, ResourcePermission } from './decorators.js';

const idOf = (args: { readonly dataset_id: string }): string => args.dataset_id;

describe('the decorators of a method', () => {
  it('say together what its policy is', () => {
    class Tools {
      @RequirePermissions('read', 'execute')
      @RequireRoles('analyst', 'admin')
      @ResourcePermission('datasets:update', idOf)
      change(): void {}

      @ResourcePermission('datasets:read')
      read(): void {}
    }
    const policyOf = (method: 'change' | 'read'): unknown =>
      Reflect.getMetadata(POLICY_METADATA, Reflect.get(Tools.prototype, method) as object);
    expect(policyOf('change')).toEqual({
      requiredPermissions: ['read', 'execute'],
      requiredRoles: ['analyst', 'admin'],
      resourcePermission: { permission: 'datasets:update', resource: idOf },
    });
    expect(policyOf('read')).toEqual({ resourcePermission: 'datasets:read' });
  });

  it('refuse to say the same twice, naming the method', () => {
    const declare = (): unknown => {
      class Tools {
        @RequireRoles('analyst')
        @RequireRoles('admin')
        change(): void {}
      }
      return Tools;
    };
    expect(declare).toThrow('change: "requiredRoles" is set by two decorators');
  });
});

describe('findTargetsWithoutPolicy', () => {
  it('[A8] finds those that do not say who may call them', () => {
    const policies = [
      {},
      { tags: ['finance'] },
      { requiredRoles: ['admin'] },
      { requiredPermissions: ['read'] },
      { resourcePermission: 'datasets:read' },
      { requiresAuth: false },
      { requiredScopes: ['read'] },
    ];
    const targets = policies.map((policy) => ({ policy }));
    expect(findTargetsWithoutPolicy(targets)).toEqual(targets.slice(0, 2));
  });
});
